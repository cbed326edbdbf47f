"""What Redis 6 and 7 say, and what it means for a worker."""

import pytest
from redis.exceptions import AuthenticationError, ConnectionError, OutOfMemoryError, ReadOnlyError, ResponseError

from moviecrawler.policy.network.redis_errors import FORGOTTEN_AFTER, Outage, explain_error

SCRIPT = "Error running script (call to f_a38bd66b): @user_script:1: "


@pytest.mark.parametrize(
    ("error", "what"),
    [
        pytest.param(ResponseError(f"{SCRIPT}@user_script: 1: -OOM command not allowed"), "memory", id="6-full"),
        pytest.param(OutOfMemoryError("command not allowed. script: e6, on @user_script:1."), "memory", id="7-full"),
        pytest.param(ResponseError(f"{SCRIPT}@user_script: 1: -READONLY You can't"), "replica", id="6-replica"),
        pytest.param(ReadOnlyError("You can't write against a read only replica."), "replica", id="7-replica"),
        pytest.param(ResponseError("NOREPLICAS Not enough good replicas to write."), "replicas", id="replicas"),
        pytest.param(ResponseError(f"{SCRIPT}@user_script: 1: -MISCONF Errors writing"), "save", id="6-disk"),
        pytest.param(ResponseError("BUSY Redis is busy running a script."), "busy", id="busy"),
        pytest.param(ResponseError(f"{SCRIPT}Script killed by user with SCRIPT KILL..."), "killed", id="6-killed"),
        pytest.param(ResponseError("Script killed by user. script: 69, on @user_script:1."), "killed", id="7-killed"),
        pytest.param(AuthenticationError("Authentication required."), "password", id="password"),
        pytest.param(ConnectionError("max number of clients reached"), "no connection", id="clients"),
        pytest.param(ResponseError("WHATEVER nobody has thought of"), "WHATEVER nobody", id="unheard-of"),
        pytest.param(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), "cannot be read", id="garbage"),
    ],
)
def test_temporary_problems_need_no_remedy(error: Exception, what: str) -> None:
    problem = explain_error(error)
    assert problem.is_temporary
    assert what in problem.what


@pytest.mark.parametrize(
    ("error", "what"),
    [
        pytest.param(ResponseError(f"{SCRIPT}WRONGTYPE Operation against a key"), "type", id="6-type"),
        pytest.param(ResponseError("WRONGTYPE Operation. script: a3, on @user_script:1."), "type", id="7-type"),
        pytest.param(ResponseError(f"{SCRIPT}@user_script: 1: The user executing the script can't"), "may", id="6-acl"),
        pytest.param(ResponseError("The user executing the script can't run this command"), "may", id="7-acl"),
        pytest.param(ResponseError("ACL failure in script: User x has no permissions"), "may", id="valkey-acl"),
        pytest.param(ResponseError(f"{SCRIPT}ERR value is not a valid float"), "understand", id="6-mistake"),
        pytest.param(ResponseError("user_script:1: attempt to perform arithmetic"), "understand", id="7-mistake"),
        pytest.param(ResponseError("unknown command 'EVALSHA', with args beginning with"), "understand", id="command"),
        pytest.param(ResponseError("CROSSSLOT Keys in request don't hash"), "cluster", id="cluster"),
    ],
)
def test_lasting_problems_have_a_remedy(error: Exception, what: str) -> None:
    problem = explain_error(error)
    assert problem.remedy
    assert what in problem.what


def test_the_clients_own_text_and_control_characters_are_not_shown() -> None:
    assert "s3cret" not in str(explain_error(ConnectionError("redis://:s3cret@redis.example")))
    assert "s3cret" not in str(explain_error(ResponseError("unknown command, with args beginning with: 's3cret'")))
    assert explain_error(ResponseError("odd\nline\x1b[31m")).what == "odd line [31m"


def test_a_caller_that_never_calls_again_does_not_prolong_the_outage() -> None:
    outage = Outage()
    assert outage.record_failure("acknowledge", 0) == 0
    assert outage.record_failure("push", 1) == 1
    assert not outage.record_answer("push", 2)
    assert outage.record_answer("push", FORGOTTEN_AFTER), "no call has failed since"
    assert outage.record_failure("push", FORGOTTEN_AFTER + 1) == 0

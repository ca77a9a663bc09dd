"""The OpenAPI document: what it says is what the server does."""

import contextlib
import json
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

from rag.serve.api import create_app
from tests.serve.small import running, small_lastro

GOLDEN = Path(__file__).parents[1] / "golden" / "openapi.json"
OPERATIONS = [found.ok() for found in schemathesis.openapi.from_path(GOLDEN).get_all_operations()]
EXAMPLES = hypothesis.settings(
    max_examples=12, stateful_step_count=5, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
)


MODES = schemathesis.GenerationMode
CASES = [(operation, mode) for operation in OPERATIONS for mode in MODES if mode is MODES.POSITIVE or operation.body]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a server that asks for a key, and the header with one."""
    lastro = small_lastro(tmp_path_factory.mktemp("api"), rate_per_minute=0, max_body_bytes=50_000_000)
    with running(lastro) as (address, server):
        key = server.config.app.state.service.keys.add("schemathesis", ["admin"])
        yield address, {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize(("operation", "mode"), CASES, ids=[f"{op.label} {mode.name.lower()}" for op, mode in CASES])
def test_no_request_makes_the_server_fail_and_every_response_is_as_described(served, operation, mode):
    address, key = served

    @EXAMPLES
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def holds(case):
        # What is right by the schema may still be refused: a question without a letter, a file that cannot be read.
        case.call_and_validate(base_url=address, headers=key, timeout=30, excluded_checks=[positive_data_acceptance])

    holds()


@pytest.mark.slow
def test_requests_that_follow_from_one_another_neither(served):
    address, key = served

    class Following(schemathesis.openapi.from_url(f"{address}/openapi.json").as_state_machine()):
        def get_call_kwargs(self, case):
            return {"headers": key, "timeout": 30}

        def validate_response(self, response, case, additional_checks=None, **transport):
            case.validate_response(
                response,
                additional_checks=additional_checks,
                excluded_checks=[positive_data_acceptance],
                transport_kwargs=transport,
                recorder=self.recorder,
            )

    # What may follow depends on what the server holds by then. That hypothesis finds a choice gone another way than
    # before says nothing of the server: what it does wrong is another error.
    with contextlib.suppress(hypothesis.errors.FlakyStrategyDefinition):
        Following.run(settings=EXAMPLES)


def test_the_document_is_the_golden_one(lastro):
    """A change to it is a change to what callers rely on: write it again with `python -m tests.serve.test_openapi`."""
    assert described_as(create_app(lastro)) == GOLDEN.read_text(encoding="utf-8")


def described_as(app):
    app.state.service.close()
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(described_as(create_app(small_lastro(Path(folder)))), encoding="utf-8")

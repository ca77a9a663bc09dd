"""The notebooks run from top to bottom, and what they keep is what they print."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def printed(cell) -> str:
    text = "".join(output.get("text", "") for output in cell.get("outputs", ()) if output.output_type == "stream")
    return re.sub(r"[+-]?\d+(?:\.\d+)?", "0", text)  # scores differ in their last digits from processor to processor


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_its_outputs_and_no_error(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert any(cell.outputs for cell in code)
    kept = str([cell.outputs for cell in code])
    assert "Traceback" not in kept
    assert "/tmp/" not in kept
    assert "/home/" not in kept


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the kernel's own libraries
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_prints_what_it_keeps(path, weights, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(path.parents[1]))
    notebook = nbformat.read(path, as_version=4)
    before = [printed(cell) for cell in notebook.cells]
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    after = [printed(cell) for cell in notebook.cells]
    assert [text.split("\n")[0] for text in after] == [text.split("\n")[0] for text in before]

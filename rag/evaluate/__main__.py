"""``python -m rag.evaluate DATASET --index DIR --out DIR`` is ``lastro eval``."""

from rag.evaluate.cli import evaluate
from rag.terminal import run

if __name__ == "__main__":
    run(evaluate)

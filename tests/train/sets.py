"""Public sets as files, in small."""

import gzip


def write(path, rows):
    """``rows`` as the lines of a gzip file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(f"{row}\n" for row in rows)

"""Texts of like length together, as many as a batch has room for: padding costs as much as text does."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["batches"]


def batches(sizes: Sequence[int], budget: int) -> list[list[int]]:
    """The indices of ``sizes``, shortest first, in batches of at most ``budget`` tokens once each text is padded to the
    longest of its batch; a text longer than the budget is a batch of its own."""
    found: list[list[int]] = []
    for index in sorted(range(len(sizes)), key=lambda at: sizes[at]):
        if found and (len(found[-1]) + 1) * sizes[index] <= budget:
            found[-1].append(index)
        else:
            found.append([index])
    return found

"""How well a ranked list finds what is relevant: recall, reciprocal rank, average precision, nDCG.

Every metric takes the same two arguments: ``ranks``, the places (from 1, distinct) of the relevant items that were
found, and ``relevant``, how many there are to find. Gains are binary. The formulas are trec_eval's, and the tests
compare with it (through ir-measures); they are written out here because a place is all they need, and so that an
evaluation needs no compiled extension.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["average_precision", "ndcg", "recall", "reciprocal_rank"]


def recall(ranks: Sequence[int], relevant: int, k: int) -> float:
    """recall@k = (relevant items among the first ``k``) / ``relevant``."""
    return sum(rank <= k for rank in ranks) / relevant


def reciprocal_rank(ranks: Sequence[int], relevant: int) -> float:
    """RR = 1 / rank of the first relevant item, 0 when none was found (Voorhees, TREC-8, 1999). Its mean is MRR."""
    return 1.0 / min(ranks) if ranks else 0.0


def average_precision(ranks: Sequence[int], relevant: int) -> float:
    """AP = Σ precision@rank over the relevant items found, / ``relevant`` (Buckley and Voorhees, SIGIR 2000).

    The precision at the i-th relevant item, of rank r_i, is i / r_i. Its mean over questions is MAP.
    """
    return sum(i / rank for i, rank in enumerate(sorted(ranks), 1)) / relevant


def ndcg(ranks: Sequence[int], relevant: int, k: int) -> float:
    """nDCG@k = DCG@k / ideal DCG@k, DCG@k = Σ 1 / log2(1 + rank) over relevant ranks ≤ k (Järvelin and Kekäläinen,
    TOIS 2002; the discount of Burges et al., ICML 2005)."""
    gained = sum(1.0 / math.log2(1 + rank) for rank in ranks if rank <= k)
    ideal = sum(1.0 / math.log2(1 + rank) for rank in range(1, min(relevant, k) + 1))
    return gained / ideal

"""The only folder that may import torch, transformers, sentence_transformers, onnxruntime or xllamacpp.

The embedded profile needs none of the first three at run time: they prepare weights, train, and run other models.
"""

from rag.models.cross import load_entailer, load_reranker
from rag.models.encoder import load_encoder
from rag.models.generator import load_generator

__all__ = ["load_encoder", "load_entailer", "load_generator", "load_reranker"]

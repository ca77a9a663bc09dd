# The weights are prepared into the volume /cache by the service `prepare` of compose.yaml, or baked into the image with
# --build-arg WEIGHTS=baked, and then no network is needed at all.
# The oldest Python that pyproject.toml allows, since that is the one the tests run with.
FROM python:3.11-slim-bookworm AS build
RUN python -m venv /opt/lastro
ENV PATH=/opt/lastro/bin:$PATH
WORKDIR /src
# torch first, as in the Makefile; a layer of its own, since it is the largest and changes least. By itself pip takes the
# build with CUDA, several gigabytes that nothing here uses: TORCH may name another, pip's options included.
ARG TORCH=torch==2.13.0
# hadolint ignore=DL3013
RUN pip install --no-cache-dir $TORCH
COPY pyproject.toml README.md LICENSE ./
COPY rag rag
COPY ingest ingest
# pyproject.toml says which versions.
# hadolint ignore=DL3013
RUN pip install --no-cache-dir ".[mcp,ocr]"

FROM python:3.11-slim-bookworm
# Security fixes of the distribution are wanted as they come.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgomp1 tesseract-ocr tesseract-ocr-por tesseract-ocr-eng \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin lastro \
 && install --directory --owner lastro /data /cache
COPY --from=build /opt/lastro /opt/lastro
ENV PATH=/opt/lastro/bin:$PATH \
    LASTRO_MODELS__CACHE_DIR=/cache \
    LASTRO_SERVE__HOST=0.0.0.0 \
    PYTHONUNBUFFERED=1
USER 10001
ARG WEIGHTS=volume
RUN if [ "$WEIGHTS" = baked ]; then lastro models prepare; fi
WORKDIR /data
VOLUME ["/data", "/cache"]
EXPOSE 8321
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8321/healthz', timeout=4)"]
ENTRYPOINT ["lastro"]
CMD ["serve", "--index", "/data/index", "--create"]

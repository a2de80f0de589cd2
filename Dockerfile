# The image of the service: Python, this project, nothing else. Built once with a network, run without one.
# With scans: docker compose build --build-arg EXTRAS=[ocr]
FROM python:3.11-slim-bookworm AS build
ARG EXTRAS=
WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY reports_in reports_in
COPY rules rules
COPY audits audits
COPY access access
COPY sweeps sweeps
COPY worker worker
COPY web web
COPY cli cli
RUN python -m venv /opt/hecha && /opt/hecha/bin/pip install --no-cache-dir --constraint constraints.txt ".$EXTRAS"

FROM python:3.11-slim-bookworm
ARG EXTRAS=
RUN test -z "$EXTRAS" || (apt-get update -q && apt-get install -y -q --no-install-recommends libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/*)
COPY --from=build /opt/hecha /opt/hecha
ENV PATH=/opt/hecha/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HECHA_DATA=/data
RUN useradd --uid 10001 --no-create-home hecha && install -d -m 700 -o hecha /data
USER hecha
VOLUME /data
WORKDIR /data
CMD ["hecha", "--help"]

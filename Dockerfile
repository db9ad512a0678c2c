# codexd in a container: the daemon on port 8787, as user 10001, on a root file system that may be read-only.
#
#   docker build -t codexd --build-arg COMMIT="$(git rev-parse --short=12 HEAD)" .
#
# The state (the login, caches) is in /var/lib/codexd, temporary files are in /tmp. docs/guides/docker.md has the rest.
ARG DEBIAN=debian:trixie-slim
# Newer than Debian's: the crate needs Rust 1.88.
ARG RUST=rust:1.90-slim-trixie

# Bun comes from the npm registry, as everywhere else: scripts/bun.sh installs the version that package.json names.
FROM ${DEBIAN} AS codexd
RUN apt-get update \
  && apt-get install -y --no-install-recommends nodejs npm \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY package.json bun.lock bunfig.toml ./
COPY patches patches
COPY scripts scripts
RUN ./scripts/bun.sh install --frozen-lockfile
COPY tsconfig.json ./
COPY deploy/launchd deploy/launchd
COPY deploy/systemd deploy/systemd
COPY deploy/windows deploy/windows
COPY src src
ARG COMMIT=unknown
RUN BUILD_COMMIT="$COMMIT" ./scripts/build

# The crate's own lock file pins what it depends on, the checksum pins the crate.
FROM ${RUST} AS rust-silk
ARG RUST_SILK_VERSION=0.1.4
ARG RUST_SILK_SHA256=1cfb6621c100af5b36dd609207e4a73c1ec4d21e89f4be6a82ee8aea00d4b90c
RUN cargo install rust-silk --version "=$RUST_SILK_VERSION" --locked --root /usr/local \
  && crate="rust-silk-$RUST_SILK_VERSION" \
  && echo "$RUST_SILK_SHA256  $(echo "$CARGO_HOME"/registry/cache/*/"$crate.crate")" >/tmp/checksum \
  && sha256sum --check /tmp/checksum \
  && install -D -t /usr/local/share/doc/rust-silk "$CARGO_HOME"/registry/src/*/"$crate"/LICENSE

FROM ${DEBIAN}
COPY --from=codexd /src/dist/codexd /usr/local/bin/codexd
COPY --from=rust-silk /usr/local/bin/rust-silk /usr/local/bin/rust-silk
COPY --from=rust-silk /usr/local/share/doc/rust-silk /usr/local/share/doc/rust-silk
COPY LICENSE THIRD-PARTY.md /usr/local/share/doc/codexd/
COPY licenses /usr/local/share/doc/codexd/licenses
RUN install -d -o 10001 -g 65534 -m 0700 /var/lib/codexd

# 10001:65534 (nogroup) is what codexd's predecessor codex-asr used, so copies of logins made for it can be read.
USER 10001:65534
WORKDIR /var/lib/codexd
# Docker puts secrets into /run/secrets; codexd reads those that are named after a setting, such as server.api_key.
ENV HOME=/var/lib/codexd \
  CREDENTIALS_DIRECTORY=/run/secrets \
  CODEXD_LISTEN=0.0.0.0:8787 \
  CODEXD_TRANSCRIPTION_SILK_DECODER=/usr/local/bin/rust-silk
VOLUME /var/lib/codexd
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["codexd", "health"]
ENTRYPOINT ["codexd"]
CMD ["serve"]

ARG VERSION=0.0.0
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="codexd" \
  org.opencontainers.image.description="Use your own ChatGPT/Codex login through the OpenAI, Anthropic and Ollama APIs." \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${COMMIT}"

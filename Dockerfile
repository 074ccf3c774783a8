# Pyrometer beside a ClickHouse server. The image holds the binary alone: with a
# server of its own, the embedded engine is not needed (docker-compose.yml).
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /out/pyrometer ./cmd/pyrometer \
 && mkdir -p /out/data

# The binary links the C library's loader (for the embedded engine), so the base has glibc.
FROM debian:bookworm-20260824-slim
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/pyrometer /usr/local/bin/pyrometer
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV PYROMETER_DATA=/data \
    PYROMETER_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["/usr/local/bin/pyrometer", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/pyrometer"]
CMD ["up", "--demo=off"]

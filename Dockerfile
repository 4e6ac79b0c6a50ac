# Muster in a container, as a user without rights, with its data in a volume:
#   docker build -t muster . && docker run -p 127.0.0.1:8080:8080 -v muster:/data muster
FROM node:24-bookworm-slim AS build
WORKDIR /muster
COPY . .
RUN npm ci
RUN npm run build:console && npm run build:server
RUN npm prune --omit=dev

FROM node:24-bookworm-slim
WORKDIR /muster
COPY --from=build /muster/package.json ./
COPY --from=build /muster/bin bin
COPY --from=build /muster/dist dist
COPY --from=build /muster/console/dist console/dist
COPY --from=build /muster/node_modules node_modules
RUN ln -s /muster/bin/muster.js /usr/local/bin/muster && install -d -o node -g node -m 700 /data
ENV NODE_ENV=production HOST=0.0.0.0 MUSTER_DATA=/data
USER node
VOLUME /data
EXPOSE 8080
# Whether the process lives: a database that is away is no reason to start the server again (that is what /readyz tells).
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The server is process 1: it gets SIGTERM itself, finishes what runs and ends with 0 within 10 seconds.
ENTRYPOINT ["muster"]
CMD ["serve"]

# syntax=docker/dockerfile:1

# The packages that run, without tests' tools, embedded engines and the npm build of Node. No install
# script runs.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production PORTREEVE_CONFIG=/etc/portreeve/portreeve.yaml
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY src src
COPY policies policies
# Spool and keys. A volume made from here belongs to the user below.
RUN install -d -o node -g node -m 700 /var/lib/portreeve
VOLUME /var/lib/portreeve
USER node
EXPOSE 2525 2587 2580
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:2580/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "src/main.ts"]
CMD ["start"]

# Build: compilers for the native modules, development packages for the build. None of it ships.
FROM node:24-bookworm-slim AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
# Native modules compile against the headers that the image already holds.
ENV npm_package_config_node_gyp_nodedir=/usr/local
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/verify/package.json ./packages/verify/
COPY packages/wire/package.json ./packages/wire/
COPY scripts ./scripts
RUN npm ci --no-audit --no-fund
COPY packages ./packages
COPY src ./src
# The links to the packages go too: dist holds what the gateway needs of them.
RUN npm run build && npm prune --omit=dev --no-audit --no-fund && rm -r node_modules/@latchkey

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# HOST and DATABASE_URL as an image needs them. Not in the environment: a variable that is set to nothing undoes them there.
COPY deploy/image-defaults.json ./defaults.json
# The embedded database and the secret beside it: mount a volume here, or lose both with the container.
RUN install -d -o node -g node -m 0700 /data
VOLUME /data
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "dist/cli/latchkey.js", "health"]
CMD ["node", "dist/cli/latchkey.js", "serve"]

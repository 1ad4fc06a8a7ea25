const { createRequire } = require("node:module");

// Makes the Pulumi SDK load three of its dependencies when they are used, and not before. TypeScript and npm's Arborist serve functions
// that a program hands to the engine, of which this one has none; without them the SDK starts in half of the time. The lab command
// uses the SDK's errors alone, which need gRPC only to tell those of a connection.
const { cache } = require;
const sdk = createRequire(require.resolve("@pulumi/pulumi"));
for (const name of ["./typescript-shim.js", "@npmcli/arborist", "@grpc/grpc-js"]) defer(name);

function defer(name) {
  let file;
  try {
    file = sdk.resolve(name);
  } catch {
    return; // another version of the SDK does without it
  }
  if (cache[file]) return;
  let loaded;
  const load = () => {
    if (!loaded) {
      delete cache[file];
      loaded = sdk(name);
    }
    return loaded;
  };
  const exports = new Proxy(
    {},
    {
      // A module of TypeScript's output is taken as it is; of another one all properties would be copied.
      get: (_, key) => (key === "__esModule" ? true : load()[key]),
      has: (_, key) => key in load(),
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_, key) => {
        const descriptor = Reflect.getOwnPropertyDescriptor(load(), key);
        return descriptor && { ...descriptor, configurable: true };
      },
    },
  );
  cache[file] = { id: file, filename: file, loaded: true, exports, children: [], paths: [] };
}

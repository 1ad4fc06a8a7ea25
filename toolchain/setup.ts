import { setUp } from "./machine.ts";
import { main } from "./main.ts";

await main(async () => {
  await setUp();
  return 0;
});

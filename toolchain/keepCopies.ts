import { keepCopies } from "./copies.ts";

keepCopies();

import type { Target } from "../target.ts";
import { backupTargets } from "./backups.ts";
import { bundleTargets } from "./bundles.ts";
import { cborTargets } from "./cbor.ts";
import { clientTargets } from "./client.ts";
import { dumpJsonTargets } from "./dump-json.ts";
import { eventTargets } from "./events.ts";
import { frameTargets } from "./frames.ts";
import { headerTargets } from "./headers.ts";
import { homeTargets } from "./home.ts";
import { interchangeTargets } from "./interchange.ts";
import { labelTargets } from "./labels.ts";
import { manifestTargets } from "./manifests.ts";
import { sectionTargets } from "./sections.ts";
import { seedQrTargets } from "./seed-qr.ts";
import { seedTargets } from "./seeds.ts";
import { serverTargets } from "./server.ts";
import { shareTargets } from "./shares.ts";

/** Everything in this repository that reads what others wrote. */
export const targets: readonly Target[] = [
  ...cborTargets,
  ...bundleTargets,
  ...manifestTargets,
  ...frameTargets,
  ...sectionTargets,
  ...labelTargets,
  ...dumpJsonTargets,
  ...interchangeTargets,
  ...headerTargets,
  ...homeTargets,
  ...backupTargets,
  ...seedTargets,
  ...seedQrTargets,
  ...shareTargets,
  ...serverTargets,
  ...clientTargets,
  ...eventTargets,
];

import type { Luma } from "../src/seed/picture/luma.ts";

/** What happens to a picture on its way to who reads it. */
export interface Mishap {
  /** Degrees, clockwise. */
  turn?: number;
  scale?: number;
  /** Standard deviation of a Gaussian blur, in pixels of the picture before it is scaled. */
  blur?: number;
  /** Standard deviation of Gaussian noise, in shades of 256. */
  noise?: number;
  /** What becomes of black and of white. */
  shades?: readonly [black: number, white: number];
}

/** The picture after it, the same for the same seed. Where it is turned, what was outside is white before shades change. */
export function mishap(
  luma: Luma,
  { turn = 0, scale = 1, blur = 0, noise = 0, shades = [0, 255] }: Mishap,
  seed: number,
): Luma {
  const random = mulberry32(seed);
  const source = blur > 0 ? gaussian(luma, blur) : luma;
  const [sine, cosine] = [Math.sin((turn * Math.PI) / 180), Math.cos((turn * Math.PI) / 180)];
  const width = Math.round((luma.width * Math.abs(cosine) + luma.height * Math.abs(sine)) * scale);
  const height = Math.round((luma.width * Math.abs(sine) + luma.height * Math.abs(cosine)) * scale);
  const data = new Uint8Array(width * height);
  // Each pixel is the mean of so many points both ways: one of a small picture sees several of the large one.
  const points = scale < 1 ? Math.ceil(2 / scale) : 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let point = 0; point < points * points; point++) {
        const dx = (x + ((point % points) + 0.5) / points - width / 2) / scale;
        const dy = (y + (Math.floor(point / points) + 0.5) / points - height / 2) / scale;
        sum += at(source, dx * cosine + dy * sine + luma.width / 2, dy * cosine - dx * sine + luma.height / 2);
      }
      const shade = shades[0] + ((sum / (points * points)) * (shades[1] - shades[0])) / 255;
      data[y * width + x] = Math.min(255, Math.max(0, Math.round(shade + noise * normal(random))));
    }
  }
  return { width, height, data };
}

/** From below: the lower edge is nearer than the upper one by so much of the distance between them. Grey is around it. */
export function fromBelow(luma: Luma, nearer: number): Luma {
  const data = new Uint8Array(luma.data.length).fill(200);
  for (let y = 0; y < luma.height; y++) {
    for (let x = 0; x < luma.width; x++) {
      const far = 1.4 / (1 + nearer * (y / luma.height - 0.5));
      const column = Math.round((x - luma.width / 2) * far + luma.width / 2);
      const row = Math.round((y - luma.height / 2) * far + luma.height / 2);
      if (column < 0 || row < 0 || column >= luma.width || row >= luma.height) continue;
      data[y * luma.width + x] = luma.data[row * luma.width + column] as number;
    }
  }
  return { ...luma, data };
}

/** Somewhere in a larger picture of grey noise. */
export function within(luma: Luma, width: number, height: number, seed: number): Luma {
  const random = mulberry32(seed);
  const data = Uint8Array.from({ length: width * height }, () => 90 + random() * 60);
  const left = Math.floor(random() * (width - luma.width));
  const top = Math.floor(random() * (height - luma.height));
  for (let y = 0; y < luma.height; y++) {
    data.set(luma.data.subarray(y * luma.width, (y + 1) * luma.width), (top + y) * width + left);
  }
  return { width, height, data };
}

export function rgba({ width, height, data }: Luma): { width: number; height: number; data: Uint8ClampedArray } {
  return {
    width,
    height,
    data: Uint8ClampedArray.from({ length: data.length * 4 }, (_, i) => (i % 4 === 3 ? 255 : (data[i >> 2] as number))),
  };
}

/** The square from the first dark pixel to the last, with a rim of so many pixels around it. */
export function cropTo(luma: Luma, rim: number): Luma {
  const dark = [...luma.data.keys()].filter((i) => (luma.data[i] as number) < 128);
  const columns = dark.map((i) => i % luma.width);
  const rows = dark.map((i) => Math.floor(i / luma.width));
  const [left, top] = [Math.min(...columns) - rim, Math.min(...rows) - rim];
  const [width, height] = [Math.max(...columns) + rim + 1 - left, Math.max(...rows) + rim + 1 - top];
  const data = Uint8Array.from(
    { length: width * height },
    (_, i) => luma.data[(top + Math.floor(i / width)) * luma.width + left + (i % width)] as number,
  );
  return { width, height, data };
}

/** Between the four pixels around the place, whose middles are at halves. */
function at(luma: Luma, x: number, y: number): number {
  const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const [across, down] = [x - 0.5 - left, y - 0.5 - top];
  const shade = (column: number, row: number) =>
    column < 0 || row < 0 || column >= luma.width || row >= luma.height
      ? 255
      : (luma.data[row * luma.width + column] as number);
  const upper = shade(left, top) * (1 - across) + shade(left + 1, top) * across;
  const lower = shade(left, top + 1) * (1 - across) + shade(left + 1, top + 1) * across;
  return upper * (1 - down) + lower * down;
}

function gaussian(luma: Luma, sigma: number): Luma {
  const reach = Math.ceil(sigma * 3);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)));
  const total = weights.reduce((sum, weight) => sum + weight);
  const pass = (from: Float64Array, along: (i: number) => [place: number, length: number, step: number]) =>
    Float64Array.from(from, (_, i) => {
      const [place, length, step] = along(i);
      let sum = 0;
      for (let tap = -reach; tap <= reach; tap++) {
        const other = Math.min(length - 1, Math.max(0, place + tap));
        sum += (weights[tap + reach] as number) * (from[i + (other - place) * step] as number);
      }
      return sum / total;
    });
  const across = pass(Float64Array.from(luma.data), (i) => [i % luma.width, luma.width, 1]);
  const both = pass(across, (i) => [Math.floor(i / luma.width), luma.height, luma.width]);
  return { ...luma, data: Uint8Array.from(both, Math.round) };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** T. Ettinger's generator: the same numbers for the same seed, everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

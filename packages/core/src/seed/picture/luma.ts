/** What a code is read from: one byte a pixel, row by row from the top, 0 black and 255 white. */
export interface Luma {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * The same picture at another size. Where it shrinks, a pixel is the mean of all that it covers, so that noise goes and no
 * line is lost; where it grows, one pixel goes evenly over into the next.
 */
export function resize(luma: Luma, width: number, height: number): Luma {
  const across = tapsOf(luma.width, width);
  const down = tapsOf(luma.height, height);
  const data = new Uint8Array(width * height);
  // One row at a time in full precision: a photo has millions of pixels.
  const row = new Float32Array(luma.width);
  for (let y = 0; y < height; y++) {
    row.fill(0);
    for (let tap = down.first[y] as number; tap < (down.first[y + 1] as number); tap++) {
      const weight = down.weights[tap] as number;
      const from = (down.sources[tap] as number) * luma.width;
      for (let x = 0; x < luma.width; x++) row[x] = (row[x] as number) + weight * (luma.data[from + x] as number);
    }
    for (let x = 0; x < width; x++) {
      let sum = 0.5;
      for (let tap = across.first[x] as number; tap < (across.first[x + 1] as number); tap++) {
        sum += (across.weights[tap] as number) * (row[across.sources[tap] as number] as number);
      }
      data[y * width + x] = sum;
    }
  }
  return { width, height, data };
}

/** Of which pixels along one side, and how much of each, pixel `i` is made: those from `first[i]` to `first[i + 1]`. */
interface Taps {
  readonly first: Uint32Array;
  readonly sources: Uint32Array;
  readonly weights: Float32Array;
}

function tapsOf(from: number, to: number): Taps {
  const step = from / to;
  const first = new Uint32Array(to + 1);
  const sources: number[] = [];
  const weights: number[] = [];
  // A tent of two pixels' width where it grows, a box where it shrinks.
  const reach = Math.max(1, step / 2);
  for (let i = 0; i < to; i++) {
    const middle = (i + 0.5) * step;
    const begin = sources.length;
    let total = 0;
    for (let at = Math.floor(middle - reach); at < middle + reach; at++) {
      const weight =
        step > 1
          ? Math.min(at + 1, middle + step / 2) - Math.max(at, middle - step / 2)
          : 1 - Math.abs(at + 0.5 - middle);
      if (weight <= 0) continue;
      sources.push(Math.min(Math.max(at, 0), from - 1));
      weights.push(weight);
      total += weight;
    }
    for (let tap = begin; tap < weights.length; tap++) weights[tap] = (weights[tap] as number) / total;
    first[i + 1] = sources.length;
  }
  return { first, sources: Uint32Array.from(sources), weights: Float32Array.from(weights) };
}

/** 1-2-1 both ways: a blur of about 0.7 pixels, which takes the edge off noise and off single pixels. */
export function blur(luma: Luma): Luma {
  const { width, height } = luma;
  const half = { width, height, data: new Uint8Array(width * height) };
  soften(luma.data, half.data, 1, width, height, width);
  const data = new Uint8Array(width * height);
  soften(half.data, data, width, height, width, 1);
  return { width, height, data };
}

/** 1-2-1 along lines of `length` values that are `step` apart; the lines themselves begin `apart` from each other. */
function soften(from: Uint8Array, to: Uint8Array, step: number, length: number, lines: number, apart: number): void {
  for (let line = 0; line < lines; line++) {
    const begin = line * apart;
    for (let i = 0; i < length; i++) {
      const at = begin + i * step;
      const before = from[i === 0 ? at : at - step] as number;
      const after = from[i === length - 1 ? at : at + step] as number;
      to[at] = (before + 2 * (from[at] as number) + after + 2) >> 2;
    }
  }
}

/** Puts a rim around it: a code needs a quiet zone, and one that was cut out close has none. */
export function pad(luma: Luma, rim: number, shade: number): Luma {
  const width = luma.width + 2 * rim;
  const height = luma.height + 2 * rim;
  const data = new Uint8Array(width * height).fill(shade);
  for (let y = 0; y < luma.height; y++) {
    data.set(luma.data.subarray(y * luma.width, (y + 1) * luma.width), (y + rim) * width + rim);
  }
  return { width, height, data };
}

/**
 * As it looks from another side: what is to the right of the middle nearer for a positive `across`, what is below it for a
 * positive `down`, by so much of the distance from one side to the other. Nothing is cut off; what comes into view beside the
 * picture has the shade of its rim.
 */
export function tilt({ width, height, data: from }: Luma, across: number, down: number): Luma {
  const data = new Uint8Array(width * height);
  const reach = 1 + (Math.abs(across) + Math.abs(down)) / 2;
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  for (let y = 0, i = 0; y < height; y++) {
    const dy = y - middleY;
    for (let x = 0; x < width; x++, i++) {
      const dx = x - middleX;
      const nearness = reach / (1 + (across * dx) / width + (down * dy) / height);
      const sourceX = Math.min(width - 1, Math.max(0, middleX + dx * nearness));
      const sourceY = Math.min(height - 1, Math.max(0, middleY + dy * nearness));
      const left = Math.floor(sourceX);
      const top = Math.floor(sourceY);
      const at = top * width + left;
      const right = left + 1 < width ? 1 : 0;
      const below = top + 1 < height ? width : 0;
      const beyond = sourceX - left;
      const upper = (from[at] as number) * (1 - beyond) + (from[at + right] as number) * beyond;
      const lower = (from[at + below] as number) * (1 - beyond) + (from[at + below + right] as number) * beyond;
      data[i] = upper + (lower - upper) * (sourceY - top) + 0.5;
    }
  }
  return { width, height, data };
}

/** Black or white, by the threshold that tells two kinds of pixels apart best. @see N. Otsu, IEEE Trans. SMC 9 (1979) 62 */
export function binarize(luma: Luma): Luma {
  const threshold = otsu(luma.data);
  return { ...luma, data: luma.data.map((shade) => (shade > threshold ? 255 : 0)) };
}

function otsu(data: Uint8Array): number {
  const counts = new Uint32Array(256);
  let total = 0;
  for (const shade of data) {
    counts[shade] = (counts[shade] as number) + 1;
    total += shade;
  }
  let best = 0;
  let threshold = 127;
  let below = 0;
  let sum = 0;
  for (let shade = 0; shade < 255; shade++) {
    below += counts[shade] as number;
    sum += shade * (counts[shade] as number);
    const above = data.length - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * (sum / below - (total - sum) / above) ** 2;
    if (between > best) {
      best = between;
      threshold = shade;
    }
  }
  return threshold;
}

/** How bright a colour is; green counts twice, as eyes have it. */
export function greyOf(red: number, green: number, blue: number): number {
  return (red + 2 * green + blue) / 4;
}

/** A pixel on white paper. */
export function overWhite(shade: number, alpha: number): number {
  return Math.round((shade * alpha + 255 * (255 - alpha)) / 255);
}

/** RGBA, 8 bits a channel, as a canvas gives it: on white where it is transparent. */
export function lumaOfRgba(width: number, height: number, rgba: ArrayLike<number>): Luma {
  const data = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < data.length; i++, at += 4) {
    const grey = greyOf(rgba[at] as number, rgba[at + 1] as number, rgba[at + 2] as number);
    data[i] = overWhite(grey, rgba[at + 3] as number);
  }
  return { width, height, data };
}

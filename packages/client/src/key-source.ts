import { BackupKeys, type KeySource } from "@cloudbackup/core";

/** Uses what keys are derived from, which keys of any realm have too. */
export function withKeySource<T>(source: KeySource | BackupKeys, use: (source: KeySource) => T): T {
  if (!(source instanceof BackupKeys)) return use(source);
  const exported = source.export();
  try {
    return use({ exported });
  } finally {
    exported.fill(0);
  }
}

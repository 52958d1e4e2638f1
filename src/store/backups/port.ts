// Where backups of one store are kept.
import type { BackupManifest } from '../../domain/backup.ts';

/** Called between the steps of something long, which is a sign of life; throws when it has to break off. */
export type CheckIn = () => void;

/** What was under way was broken off on purpose, or took too long. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
}

/** What a look through a copy of the store found. */
export interface CopyState {
  /** Of the schema; 0 for a file that is none of this program's. */
  readonly schema: number;
  /** What was written into the store before it was copied; null when it was copied without. */
  readonly mark: string | null;
  /** What the master key opens; null in a store that never had one. */
  readonly seal: Uint8Array | null;
  /** What SQLite's own check finds, in words. */
  readonly faults: readonly string[];
  readonly rows: BackupManifest['rows'];
  /** Messages of the business that wait to be sent. */
  readonly waiting: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** The files of a backup: in a folder, and in a bucket as objects. */
export const backupFiles = { store: 'chasqui.sqlite', media: 'media', manifest: 'backup.json' } as const;

/** Something that is to become a backup. */
export interface BegunBackup {
  /** An empty folder to write it into. */
  readonly folder: string;
  /** The media folder of one that is kept beside it, whose files may be linked to; null where there is none. */
  readonly formerMedia: string | null;
}

/** Keeps the backups of one store. Methods throw `store_unavailable` where the place does not do what it is asked. */
export interface BackupPlace {
  /** What people know it by. */
  readonly address: string;
  /** The names of those that are whole, oldest first. */
  list(): Promise<readonly string[]>;
  /** What one says of itself; undefined when it cannot be read. */
  read(name: string): Promise<BackupManifest | undefined>;
  /** Takes away what was begun before and never became one, and begins one. */
  begin(name: string): Promise<BegunBackup>;
  /** Makes what was written into its folder a backup, in one step, once all of it is safe and was compared. */
  keep(name: string, manifest: BackupManifest, checkIn: CheckIn): Promise<void>;
  /** Takes away what was begun and never became one. */
  clear(): Promise<void>;
  /** Takes one away; what is left of it when that breaks off is none. */
  remove(name: string): Promise<void>;
}

/** One backup, to be restored. */
export interface BackupSource {
  readonly address: string;
  readonly manifest: BackupManifest;
  /** Writes it into an empty folder, with its media, each file synced. Throws `store_corrupt` when a part of it is missing. */
  fetch(folder: string, checkIn: CheckIn): Promise<void>;
}

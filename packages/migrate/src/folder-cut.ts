import { entriesBelow, isDraft, type Names } from "./folder-walk.ts";

/** Folders are opened until there are so many pieces for each part: those that hold more than others even out. */
const piecesOfPart = 16;

interface Piece {
  readonly names: Names;
  readonly isFolder: boolean;
}

/** Up to `target - 1` paths that cut a folder tree. It reads folders and no files, level by level, and no more of them than it takes. */
export async function folderCuts(root: Buffer, target: number): Promise<Names[]> {
  const pieces = target === 1 ? [] : await piecesBelow(root, target);
  const parts = Math.min(target, pieces.length);
  return Array.from({ length: Math.max(0, parts - 1) }, (_, i) => cutBefore(pieces, Math.floor(((i + 1) * pieces.length) / parts)).names);
}

/** Up to and with a file, or before everything that is in a folder. */
function cutBefore(pieces: readonly Piece[], at: number): Piece {
  const [before, after] = [pieces[at - 1] as Piece, pieces[at] as Piece];
  return before.isFolder ? after : before;
}

async function piecesBelow(root: Buffer, target: number): Promise<readonly Piece[]> {
  let pieces: readonly Piece[] = [{ names: [], isFolder: true }];
  for (;;) {
    const folders = pieces.reduce((sum, { isFolder }) => sum + (isFolder ? 1 : 0), 0);
    // A few folders among many files may hold the most.
    if (folders === 0 || (pieces.length >= piecesOfPart * target && folders > target)) return pieces;
    const next: Piece[] = [];
    for (const piece of pieces) for (const one of piece.isFolder ? await piecesIn(root, piece.names) : [piece]) next.push(one);
    pieces = next;
  }
}

async function piecesIn(root: Buffer, folder: Names): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for (const entry of await entriesBelow(root, folder))
    if (entry.isFolder || !isDraft(entry)) pieces.push({ names: [...folder, entry.name], isFolder: entry.isFolder });
  return pieces;
}

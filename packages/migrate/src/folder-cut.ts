import { entriesOf, isDraft, type Names } from "./folder-walk.ts";

/** Folders are opened until there are so many pieces for each part: those that hold more than others even out. */
const piecesOfPart = 16;

interface Piece {
  readonly names: Names;
  readonly isFolder: boolean;
}

/** Up to `target - 1` paths that cut a folder tree. It reads folders and no files, level by level, and no more of them than it takes. */
export async function folderCuts(root: Buffer, target: number): Promise<Names[]> {
  const pieces = target === 1 ? [] : await piecesBelow(root, piecesOfPart * target);
  const parts = Math.min(target, pieces.length);
  return Array.from({ length: Math.max(0, parts - 1) }, (_, i) => cutBefore(pieces, Math.floor(((i + 1) * pieces.length) / parts)).names);
}

/** Up to and with a file, or before everything that is in a folder. */
function cutBefore(pieces: readonly Piece[], at: number): Piece {
  const [before, after] = [pieces[at - 1] as Piece, pieces[at] as Piece];
  return before.isFolder ? after : before;
}

async function piecesBelow(root: Buffer, enough: number): Promise<readonly Piece[]> {
  let pieces: readonly Piece[] = [{ names: [], isFolder: true }];
  while (pieces.length < enough && pieces.some(({ isFolder }) => isFolder)) {
    const next: Piece[] = [];
    for (const piece of pieces) next.push(...(piece.isFolder ? await piecesIn(root, piece.names) : [piece]));
    pieces = next;
  }
  return pieces;
}

async function piecesIn(root: Buffer, folder: Names): Promise<Piece[]> {
  const entries = await entriesOf(root, folder);
  return entries
    .filter((entry) => entry.isDirectory() || (entry.isFile() && !isDraft(entry)))
    .map((entry) => ({ names: [...folder, entry.name], isFolder: entry.isDirectory() }));
}

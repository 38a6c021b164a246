import type { FileHandle } from 'node:fs/promises'

/**
 * Reads the directory of a Compound File (MS-CFB), the container of .doc and .xls: enough to tell the two apart, and
 * bounded, since the file is not trusted. It reads no stream's content.
 */

const headerSize = 512
const entrySize = 128
/** Sector numbers from here on are special values (MS-CFB, 2.1). */
const firstSpecial = 0xfffffffa
/** At most so many directory sectors are read: 4,096 entries of a version 3 file. */
const mostSectors = 1_024

const read = async (file: FileHandle, position: number, length: number): Promise<DataView | null> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return bytesRead === length ? new DataView(buffer.buffer, buffer.byteOffset, length) : null
}

interface Layout {
  readonly sectorSize: number
  readonly firstDirectory: number
  /** The sectors of the file allocation table, in order. */
  readonly table: readonly number[]
}

const layoutOf = async (file: FileHandle): Promise<Layout | null> => {
  const header = await read(file, 0, headerSize)
  if (header === null) return null
  const shift = header.getUint16(30, true)
  if ((shift !== 9 && shift !== 12) || header.getUint16(28, true) !== 0xfffe) return null
  const sectorSize = 1 << shift
  const table = Array.from({ length: 109 }, (_, at) => header.getUint32(76 + 4 * at, true))
  const perSector = sectorSize / 4 - 1
  // Larger files list the rest of the table in DIFAT sectors, each of which names the next.
  let next = header.getUint32(68, true)
  for (let count = 0; next < firstSpecial && count < mostSectors; count++) {
    const sector = await read(file, (next + 1) * sectorSize, sectorSize)
    if (sector === null) return null
    for (let at = 0; at < perSector; at++) table.push(sector.getUint32(4 * at, true))
    next = sector.getUint32(4 * perSector, true)
  }
  return { sectorSize, firstDirectory: header.getUint32(48, true), table }
}

const nextSector = async (file: FileHandle, { sectorSize, table }: Layout, sector: number): Promise<number | null> => {
  const perSector = sectorSize / 4
  const tableSector = table[Math.floor(sector / perSector)]
  if (tableSector === undefined || tableSector >= firstSpecial) return null
  const entry = await read(file, (tableSector + 1) * sectorSize + 4 * (sector % perSector), 4)
  return entry?.getUint32(0, true) ?? null
}

const nameOf = (sector: DataView, at: number): string => {
  const length = Math.min(64, sector.getUint16(at + 64, true))
  let name = ''
  for (let n = 0; n < length - 2; n += 2) name += String.fromCharCode(sector.getUint16(at + n, true))
  return name
}

/** The names of all streams in the container; null where the file is not a complete Compound File. */
export const streamNames = async (file: FileHandle): Promise<ReadonlySet<string> | null> => {
  const layout = await layoutOf(file)
  if (layout === null) return null
  const names = new Set<string>()
  let sector: number | null = layout.firstDirectory
  for (let count = 0; sector !== null && sector < firstSpecial; count++) {
    // This also ends a chain that is a cycle.
    if (count === mostSectors) return null
    const view = await read(file, (sector + 1) * layout.sectorSize, layout.sectorSize)
    if (view === null) return null
    for (let at = 0; at < layout.sectorSize; at += entrySize) {
      const isStream = view.getUint8(at + 66) === 2
      if (isStream) names.add(nameOf(view, at))
    }
    sector = await nextSector(file, layout, sector)
  }
  return sector === null ? null : names
}

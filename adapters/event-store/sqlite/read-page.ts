/**
 * Reads a page of rows. Where the file cannot be read, half as many are tried, down to one: so a page ends before the
 * first row that cannot be read, and an error that passes by itself costs only another read.
 * @throws what SQLite reports at the first row.
 */
export const readPage = <Row>(read: (limit: number) => readonly Row[], limit: number): readonly Row[] => {
  try {
    return read(limit)
  } catch {
    return limit <= 1 ? read(limit) : readPage(read, Math.floor(limit / 2))
  }
}

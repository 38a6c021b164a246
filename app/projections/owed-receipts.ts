import { comparePositions, type Position } from '../../domain/event-log/envelope.ts'

/** The receipts that were given before the read models held their positions. */
export const owedReceipts = (isHeld: (position: Position) => boolean) => {
  /** The highest of them; null where all are held. */
  let owed: Position | null = null
  return {
    owe: (position: Position): void => {
      if (owed === null || comparePositions(position, owed) > 0) owed = position
    },
    areHeld: (): boolean => {
      if (owed !== null && isHeld(owed)) owed = null
      return owed === null
    },
  }
}

import type { Commands, ImportCommands } from '../../domain/commands.ts'
import { createCommandHandler } from './command-handler.ts'
import type { CommandPorts } from './ports.ts'
import { createTicketCommands } from './ticket-commands.ts'
import { createUserCommands } from './user-commands.ts'

/** Every command, over one command handler. */
export const createCommands = (ports: CommandPorts): Commands & ImportCommands => {
  const transact = createCommandHandler(ports)
  const ticketCommands = createTicketCommands(ports, transact)
  return { ...ticketCommands, ...createUserCommands(ports, transact, ticketCommands) }
}

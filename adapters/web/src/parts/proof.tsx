import { useSignal } from '@preact/signals'
import type { Problem } from '../api.ts'
import { save } from '../save.ts'
import { words } from '../words.ts'
import { Failed } from './basics.tsx'

/** Downloads the ticket's proof bundle, with the commands that check it offline. */
export const Proof = ({ id }: { readonly id: string }) => {
  const problem = useSignal<Problem | null>(null)
  const isBusy = useSignal(false)
  const name = `${id}.bundle.json`
  const take = async (): Promise<void> => {
    isBusy.value = true
    const answer = await save(`/v1/tickets/${id}/proof`, 'application/json', name)
    isBusy.value = false
    problem.value = answer.ok ? null : answer.problem
  }
  return (
    <details class="card proof">
      <summary>{words.proof}</summary>
      <p>{words.proofText}</p>
      <pre tabIndex={0} aria-label={words.proofCommand}>
        <code>{`npx ledgerdesk verify --bundle ${name} --key key.txt`}</code>
      </pre>
      <p>{words.proofKey}</p>
      {problem.value !== null && <Failed problem={problem.value} />}
      <button type="button" disabled={isBusy.value} onClick={() => void take()}>
        {words.downloadProof}
      </button>
    </details>
  )
}

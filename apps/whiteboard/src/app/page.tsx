import { connection } from 'next/server'
import { WhiteboardApp } from '../components/whiteboard-app.tsx'
import { readEndpoints } from '../server/endpoints.ts'

/** Made anew for each visit: where the providers are is known when the server runs, not when it is built. */
export default async function Page() {
  await connection()
  return <WhiteboardApp endpoints={readEndpoints()} />
}

import { tokenSecret } from 'demo-support/server'
import { SignJWT } from 'jose'
import { isPerson } from '../../../people.ts'
import { listFolder } from '../../../server/list-folder.ts'

/** Signs a token for the person asked for. This is where a real app looks at its own session first. */
export async function POST(request: Request): Promise<Response> {
  const { person } = await request.json().catch(() => ({}))
  if (!isPerson(person)) return Response.json({ error: 'Nobody of that name.' }, { status: 401 })
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(person)
    .setIssuedAt()
    .setExpirationTime('5 minutes')
    .sign(tokenSecret(listFolder()))
  return Response.json({ token })
}

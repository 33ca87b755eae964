/** Hands a JSON text to the person as a file. */
export const saveFile = (name: string, json: string): void => {
  const url = URL.createObjectURL(new Blob([json], { type: 'application/json' }))
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  URL.revokeObjectURL(url)
}

import { useEffect } from 'react'

/** Lets the page itself load without the server. Browsers that have no service workers do without. */
export const useServiceWorker = (): void => {
  useEffect(() => {
    if (process.env.NODE_ENV !== 'production') return
    navigator.serviceWorker
      ?.register(`/service-worker.js?build=${process.env.BUILD}`)
      .catch((error) => console.warn('The page will not load while the server is down:', error))
  }, [])
}

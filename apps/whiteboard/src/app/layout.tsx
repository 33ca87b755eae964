import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import 'demo-support/base.css'
import './globals.css'

export const metadata: Metadata = {
  title: 'Whiteboard · Syncline',
  description: 'One board, live in every window, over the provider of your choice.',
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6f6f3' },
    { media: '(prefers-color-scheme: dark)', color: '#141517' },
  ],
}

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}

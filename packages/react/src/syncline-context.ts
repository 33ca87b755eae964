'use client'
import type { Client } from '@syncline/core'
import { createContext } from 'react'

export const SynclineContext = createContext<Client | undefined>(undefined)

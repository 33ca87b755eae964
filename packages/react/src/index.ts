export const placeholder = '@syncline/react'

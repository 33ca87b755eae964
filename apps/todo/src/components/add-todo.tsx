import { type FormEvent, useState } from 'react'

/** The form at the top. What is typed stays until it was added. */
export function AddTodo({ onAdd }: { readonly onAdd: (title: string) => void }) {
  const [title, setTitle] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (title.trim() === '') return
    onAdd(title.trim())
    setTitle('')
  }
  return (
    <form className="add" onSubmit={submit}>
      <input
        id="new-todo"
        aria-label="New todo"
        placeholder="What is to be done?"
        autoComplete="off"
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <button type="submit" className="primary">
        Add
      </button>
    </form>
  )
}

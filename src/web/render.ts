/** What a page shows between head and foot, built anew for another language. */
export type Render = () => { readonly title: string; readonly content: HTMLElement };

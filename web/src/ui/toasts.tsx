// What was just done, with the way back.
import { dismiss, toasts } from '../lib/act';
import { Icon } from './icons';

export function Toasts() {
	return (
		<div class="toasts" role="region" aria-label="Messages" aria-live="polite">
			{toasts.value.map((t) => (
				<div key={t.id} class={`toast ${t.kind}`} role={t.kind === 'error' ? 'alert' : 'status'}>
					<Icon name={t.kind === 'error' ? 'wrong' : t.kind === 'ok' ? 'check' : 'bell'} />
					<span class="grow break">{t.text}</span>
					{t.href && <a href={t.href} onClick={() => dismiss(t.id)}>Show</a>}
					{t.undo && <button type="button" onClick={() => {
						dismiss(t.id);
						void t.undo!();
					}}>Undo</button>}
					<button type="button" aria-label="Dismiss" onClick={() => dismiss(t.id)}><Icon name="close" /></button>
				</div>
			))}
		</div>
	);
}

// Passkeys: the one thing that needs a script. Forms that carry one are hidden until it runs.
const methods = { get: 'parseRequestOptionsFromJSON', create: 'parseCreationOptionsFromJSON' };

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (globalThis.PublicKeyCredential?.[methods[form.dataset.passkey]]) {
    form.hidden = false;
    form.addEventListener('submit', (event) => {
      if (form.elements.response.value) return;
      event.preventDefault();
      void answer(form);
    });
  }
}

async function answer(form) {
  const kind = form.dataset.passkey;
  try {
    const body = new URLSearchParams({ _token: form.elements._token.value });
    const asked = await fetch(form.dataset.options, { method: 'POST', body });
    if (!asked.ok) throw new Error(`The console answered ${asked.status}`);
    const { ceremony, options } = await asked.json();
    const publicKey = PublicKeyCredential[methods[kind]](options);
    const credential = await navigator.credentials[kind]({ publicKey });
    form.elements.ceremony.value = ceremony;
    form.elements.response.value = JSON.stringify(credential.toJSON());
    form.requestSubmit();
  } catch {
    const said = form.querySelector('[role=alert]');
    said.hidden = false;
    said.textContent = 'That did not work. Try again, or use another way.';
  }
}

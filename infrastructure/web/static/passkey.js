// Passkeys: the one thing at the door that needs a script, since only a browser can ask a key to sign.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const read = (options) => ({
  ...options,
  challenge: bytes(options.challenge),
  ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
  ...(options.excludeCredentials && { excludeCredentials: options.excludeCredentials.map((each) => ({ ...each, id: bytes(each.id) })) }),
  ...(options.allowCredentials && { allowCredentials: options.allowCredentials.map((each) => ({ ...each, id: bytes(each.id) })) }),
});

const written = (found) => {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (found.response[part]) response[part] = text(found.response[part]);
  }
  return JSON.stringify({ id: found.id, rawId: text(found.rawId), type: found.type, response, clientExtensionResults: {} });
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    const publicKey = read(JSON.parse(form.dataset.options));
    try {
      const found = await navigator.credentials[form.dataset.passkey]({ publicKey });
      form.elements.answer.value = written(found);
      form.submit();
    } catch (error) {
      const problem = form.querySelector("[data-passkey-problem]");
      problem.textContent = `The passkey could not be used (${error.name}). Reload the page and try again, or take another way.`;
      problem.hidden = false;
    }
  });
}

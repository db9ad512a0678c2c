// The environment of programs that codexd starts. It is an allow-list, because a shell's variables contain unrelated keys
// (OPENAI_API_KEY, AWS_SECRET_ACCESS_KEY, …) that could end up in a crash report of such a program.

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a program needs beyond the variables that every program gets. */
export type VariableGroup = 'network' | 'speech' | 'desktop';

/** Paths, user, locale, libraries and, on Windows, the system. */
const baseVariables =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TMP|TEMP|XDG_\w+|LD_LIBRARY_PATH|LD_PRELOAD|DYLD_\w+|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERPROFILE|USERNAME|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES.*|COMMONPROGRAMFILES.*|NUMBER_OF_PROCESSORS|PROCESSOR_\w+)$/i;

const groupVariables: Record<VariableGroup, RegExp> = {
  network: /^(?:(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE)$/i,
  // Python, accelerators, thread counts and model directories.
  speech:
    /^(?:(?:PYTHON|CONDA|PYENV|CUDA|CUDNN|NVIDIA|HIP|ROCM|ROCR|HSA|MIOPEN|ONEAPI|SYCL|ZE|VK|METAL|MLX|GGML|WHISPER|OMP|KMP|MKL|OPENBLAS|NUMEXPR|ORT|TORCH|PYTORCH|TRANSFORMERS|CT2|SHERPA|HF_HUB)_?\w*|VIRTUAL_ENV|HF_HOME|HF_ENDPOINT|HUGGINGFACE_HUB_CACHE|TOKENIZERS_PARALLELISM|VECLIB_MAXIMUM_THREADS)$/,
  desktop:
    /^(?:DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS|DESKTOP_SESSION|BROWSER|(?:GNOME|KDE|GTK|GDK|QT|MOZ|WSL)_?\w*)$/,
};

/** `NVIDIA_API_KEY`, `HF_HUB_TOKEN`: a secret, even though its prefix is allowed. */
const secretName = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|AUTH)(?:_|$)/i;

/** The allowed part of `env`. `named`: further variables, which may even look like secrets. */
export function childEnvironment(
  env: Environment,
  groups: readonly VariableGroup[] = [],
  named: readonly string[] = [],
): Record<string, string | undefined> {
  const patterns = [baseVariables, ...groups.map((one) => groupVariables[one])];
  const isAllowed = (name: string) =>
    named.includes(name) || (patterns.some((pattern) => pattern.test(name)) && !secretName.test(name));
  return Object.fromEntries(Object.entries(env).filter(([name]) => isAllowed(name)));
}

// Settings about the programs that users can load into the kernel's network code.
import { anyValue, oneOf } from "../careful-value.js";
import { KERNEL_SYSCTL, type KernelSetting, NET_SYSCTL } from "../kernel-setting.js";

/** BPF. */
export const BPF_SETTINGS: readonly KernelSetting[] = [
  {
    path: "kernel/unprivileged_bpf_disabled",
    careful: oneOf(2, 1),
    otherwise: "loose",
    why: "Any user may load BPF programs. Faults of their checker gave many users root; hardly any program needs it.",
    source: KERNEL_SYSCTL,
  },
  {
    path: "net/core/bpf_jit_enable",
    careful: anyValue("0 or 1"),
    otherwise: "depends",
    why: "Filters are compiled to machine code. Most kernels are built to do nothing else; see bpf_jit_harden.",
    source: NET_SYSCTL,
  },
  {
    path: "net/core/bpf_jit_harden",
    careful: oneOf(1, 2),
    otherwise: "depends",
    needs: {
      words: "filters are compiled",
      holds: ({ numberAt }) => numberAt("net/core/bpf_jit_enable") !== 0,
    },
    why: "Constants of a user's filter stand in the kernel's code as they are, where they can be made into instructions. 1 blinds those of users, at some cost.",
    source: NET_SYSCTL,
  },
];

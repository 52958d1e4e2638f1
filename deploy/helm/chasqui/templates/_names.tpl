{{- define "chasqui.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "chasqui.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "chasqui.labels" -}}
{{ include "chasqui.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "chasqui.secretName" -}}
{{ .Values.existingSecret | default (include "chasqui.name" .) }}
{{- end }}

{{- /* Whether nodes share a database. */ -}}
{{- define "chasqui.isShared" -}}
{{ if eq .Values.store "postgresql" }}true{{ end }}
{{- end }}

{{- define "chasqui.publicUrl" -}}
{{- $given := .Values.settings.PUBLIC_URL -}}
{{- if $given }}{{ $given }}
{{- else if and .Values.ingress.enabled .Values.ingress.tlsSecretName }}https://{{ .Values.ingress.host }}
{{- else if .Values.ingress.enabled }}http://{{ .Values.ingress.host }}
{{- else }}{{ fail "settings.PUBLIC_URL has to say at which address others reach this service, for example https://chasqui.example.com." }}
{{- end }}
{{- end }}

{{- /* Numbers of values.yaml are floating points to Helm, which would write 5000000 as 5e+06. */ -}}
{{- define "chasqui.text" -}}
{{ if kindIs "float64" . }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

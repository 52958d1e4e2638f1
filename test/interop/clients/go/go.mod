module chasqui.example/interop

go 1.21

require (
	github.com/aliyun/aliyun-mns-go-sdk v1.0.11
	github.com/valyala/fasthttp v1.52.0
)
